import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

interface Holder<T> {
  value: T | undefined;
}

function heldBy<T>({ value }: Holder<T>): T {
  if (value === undefined) throw new Error('asked for outside of the tests that it is there for');
  return value;
}

async function end(holder: Holder<AsyncDisposable>): Promise<void> {
  const { value } = holder;
  holder.value = undefined;
  await value?.[Symbol.asyncDispose]();
}

/** Opens something before the tests of the suite that calls this, and ends it after them. @returns how tests get it */
export function forSuite<T extends AsyncDisposable>(open: () => Promise<T>): () => T {
  const holder: Holder<T> = { value: undefined };
  beforeAll(async () => {
    holder.value = await open();
  });
  afterAll(() => end(holder));
  return () => heldBy(holder);
}

/** Opens another before each test of the suite that calls this, and ends it afterwards. @returns how tests get it */
export function forEachTest<T extends AsyncDisposable>(open: () => Promise<T>): () => T {
  const holder: Holder<T> = { value: undefined };
  beforeEach(async () => {
    holder.value = await open();
  });
  afterEach(() => end(holder));
  return () => heldBy(holder);
}
