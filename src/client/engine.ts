import { unreachable } from '../core/errors.js';
import type { Engine, EngineName } from './connection.js';

/** Loads and makes an engine; the library behind it is not read before somebody wants it. */
export async function loadEngine(name: EngineName): Promise<Engine> {
  switch (name) {
    case 'lean': {
      const { createLeanEngine } = await import('./lean-engine.js');
      return createLeanEngine();
    }
    case 'stompjs': {
      const { createStompjsEngine } = await import('./stompjs-engine.js');
      return createStompjsEngine();
    }
    default:
      return unreachable(name);
  }
}
