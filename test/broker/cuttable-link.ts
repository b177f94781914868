import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Passage {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP passage to a port of this machine whose connections can be cut while both ends live. */
export class CuttableLink implements AsyncDisposable {
  readonly port: number;
  /** Connections taken so far. */
  connections = 0;
  /** Whether new connections are cut at once, so that whoever was cut stays away. */
  isBarred = false;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #passages = new Set<Passage>();

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (near: Socket) => {
      this.connections++;
      if (this.isBarred) near.resetAndDestroy();
      else this.#pass(near);
    });
  }

  static async open(targetPort: number): Promise<CuttableLink> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttableLink(server, targetPort);
  }

  /** Resets every connection, whatever is on its way. */
  cut(): void {
    for (const { near, far } of this.#passages) for (const socket of [near, far]) socket.resetAndDestroy();
  }

  /** From now on nothing passes to the near end. @returns how to let it pass again */
  stall(): () => void {
    const fars = [...this.#passages].map(({ far }) => far);
    for (const far of fars) far.pause();
    return () => {
      for (const far of fars) far.resume();
    };
  }

  /** From now on nothing passes to the far end: what the near end says is lost with the next cut. */
  mute(): void {
    for (const { near } of this.#passages) near.pause();
  }

  /** Resets the near end only and lets nothing more through, as when a cable is pulled: the server sees no end. */
  cutNearEnd(): void {
    for (const passage of [...this.#passages]) {
      const { near, far } = passage;
      far.unpipe(near);
      near.unpipe(far);
      far.pause();
      near.removeAllListeners('close');
      near.resetAndDestroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(near: Socket): void {
    const far = connect(this.#targetPort, '127.0.0.1');
    const passage = { near, far };
    this.#passages.add(passage);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#passages.delete(passage);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}
