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

/** Memory in bytes after several collections, because what finalizers let go is collected by the next. */
export async function memory() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, external, heapTotal, heapUsed } = process.memoryUsage();
  return { rss, external, heapTotal, heapUsed };
}
