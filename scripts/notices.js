import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const head = `# Third-party notices

The published package bundles the following software, each under its own licence.
`;

/**
 * Writes THIRD-PARTY-NOTICES.md: name, version and licence text of every package that went into the
 * bundle, as esbuild's metafile lists them. Throws when a package brings no licence at all.
 */
export function writeNotices(root, metafile) {
  const folders = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  const notices = [...folders].sort().map((folder) => notice(join(root, folder)));
  writeFileSync(join(root, 'THIRD-PARTY-NOTICES.md'), [head, ...notices].join('\n'));
}

function notice(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  if (file === undefined && manifest.license === undefined) throw new Error(`${manifest.name} brings no licence`);
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  // Four spaces keep the text as it is, whatever marks of Markdown it contains.
  const quoted = text.replace(/^(?=.)/gm, '    ');
  return `## ${manifest.name} ${manifest.version}\n\nLicence: ${manifest.license ?? 'see below'}\n${quoted === '' ? '' : `\n${quoted}\n`}`;
}
