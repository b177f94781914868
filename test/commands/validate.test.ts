import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/commands/run-cli.js';
import { createFakeContext } from './fake-context.js';

const good = `version: 1
name: a name
duration: 1s
clients: [{ name: a, count: 1, subscribe: /topic/a }]
`;

describe('validate', () => {
  let cwd: string;

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'validate-'));
    await writeFile(join(cwd, 'good.yaml'), good);
    await writeFile(join(cwd, 'bad.yaml'), good.replace('1s', '1'));
    await writeFile(join(cwd, 'large.yaml'), `#${'x'.repeat(200_000)}`);
  });

  it('ends with 0 and one line for each valid file', async () => {
    const fake = createFakeContext({ cwd });
    expect(await runCli(['validate', 'good.yaml', join(cwd, 'good.yaml')], fake.context)).toBe(0);
    expect(fake.stdout()).toBe('✓ good.yaml: a name\n✓ good.yaml: a name\n');
  });

  it('ends with 2 and lists the mistakes, and still checks the files after them', async () => {
    const fake = createFakeContext({ cwd });
    expect(await runCli(['validate', 'bad.yaml', 'good.yaml'], fake.context)).toBe(2);
    expect(fake.stdout()).toBe(
      [
        'bad.yaml:3:11: 1 needs a unit: 1s, 1ms',
        '    duration: 1',
        '              ^',
        '✗ bad.yaml: 1 mistake',
        '✓ good.yaml: a name',
        '',
      ].join('\n'),
    );
  });

  it('accepts the name of a built-in', async () => {
    const fake = createFakeContext({ cwd });
    expect(await runCli(['validate', 'smoke'], fake.context)).toBe(0);
    expect(fake.stdout()).toContain('every message reaches every node');
  });

  it('refuses a file above 64 KiB without reading it whole', async () => {
    const fake = createFakeContext({ cwd });
    expect(await runCli(['validate', 'large.yaml'], fake.context)).toBe(2);
    expect(fake.stdout()).toContain('large.yaml: the file is larger than 65536 bytes');
  });

  it('ends with 2 for a folder', async () => {
    const fake = createFakeContext({ cwd });
    expect(await runCli(['validate', '.'], fake.context)).toBe(2);
    expect(fake.stderr()).toContain('error: the scenario . cannot be read: ');
  });
});

describe('schema', () => {
  it('prints a draft-07 schema whose names of metrics can be completed', async () => {
    const fake = createFakeContext();
    expect(await runCli(['schema'], fake.context)).toBe(0);
    const schema = JSON.parse(fake.stdout());
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.properties.thresholds.propertyNames.enum).toContain('delivery.latency');
    expect(schema.additionalProperties).toBe(false);
  });
});
