/** Answers the questions of the parent by the functions given, one for each name. */
export function answerWith(answers) {
  process.on('message', async ({ id, what, options }) => {
    try {
      process.send({ id, answer: (await answers[what](options)) ?? null });
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) });
    }
  });
  process.on('disconnect', () => process.exit());
}

/** CPU time of this process so far, user and system, in microseconds. */
export function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Memory after a thorough collection: twice, because finalizers of the first feed the second. */
export async function memory() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, external, heapUsed, heapTotal } = process.memoryUsage();
  return { rss, external, heapUsed, heapTotal };
}
