/**
 * The terminal as ink sees it: the same stream, of unknown height and never resized.
 *
 * When a frame is as tall as the terminal, or was before a resize, ink erases the terminal together with
 * the user's scrollback. Our frames are always lower than the terminal and the dashboard follows resizes
 * itself, so ink need not know the height; without it, that branch cannot be taken.
 */
export function inkStdout(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const facade: NodeJS.WriteStream = new Proxy(stdout, {
    get(target, property) {
      if (property === 'rows') return undefined;
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property === 'on' || property === 'off') {
        return (event: string, listener: (...values: unknown[]) => void) => {
          if (event !== 'resize') target[property](event, listener);
          return facade;
        };
      }
      return value.bind(target);
    },
  });
  return facade;
}
