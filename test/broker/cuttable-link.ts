import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP passage to a port of this machine whose connections can be cut while both ends live. */
export class CuttableLink implements AsyncDisposable {
  readonly port: number;
  /** Connections taken so far. */
  connections = 0;
  /** Whether new connections are cut at once, so that whoever was cut stays away. */
  isBarred = false;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (near: Socket) => {
      this.connections++;
      if (this.isBarred) near.resetAndDestroy();
    });
  }

  static async open(targetPort: number): Promise<CuttableLink> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => {});
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttableLink(server, sockets);
  }

  /** Resets every connection, whatever is on its way. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
