import type { Crowd } from './crowd.js';

/** Makes clients lose their connections by themselves, where their group says so; seeded. */
export class Crashes {
  readonly #crowd: Crowd;
  #timers: NodeJS.Timeout[] = [];

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
  }

  start(): void {
    const random = this.#crowd.random.fork('crashes');
    for (const { group, clients } of this.#crowd.groups) {
      const { crash } = group;
      if (crash === undefined) continue;
      const crashSome = (): void => {
        for (const client of clients) if (random.next() < crash.share) client.crash();
      };
      this.#timers.push(setInterval(crashSome, crash.everyMs));
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }
}
