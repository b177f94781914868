/** The servers by name: the program that must be installed, its package, and how it is started. */
const services = {
  redis: { program: 'redis-server', debianPackage: 'redis-server', start: (library) => library.startRedis() },
  rabbitmq: {
    program: 'rabbitmq-server',
    debianPackage: 'rabbitmq-server',
    start: (library) => library.startRabbitmq(),
  },
};

/** Real servers of this matrix alone, each started when the first row asks for it. */
export class Services {
  #library;
  #started = new Map();

  constructor(library) {
    this.#library = library;
  }

  /**
   * Resolves with all that run, the one that is asked for among them; undefined when its program is not installed,
   * which is said, and throws where services are required.
   */
  async with(name) {
    if (name === undefined) return {};
    const { program, debianPackage, start } = services[name];
    if (!this.#started.has(name)) {
      if (this.#library.requireService(program, debianPackage) === undefined) return undefined;
      this.#started.set(name, await start(this.#library));
    }
    return Object.fromEntries(this.#started);
  }

  async close() {
    await Promise.all([...this.#started.values()].map((server) => server[Symbol.asyncDispose]()));
  }
}
