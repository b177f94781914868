// Loaded with --import into the built program, to ask it for what only it knows about itself.
import { answerWith, cpuMicros, memory } from './answer.js';

// No `disconnect` listener of its own is needed, but it does no harm: the program ends with its parent anyway.
answerWith({ memory, cpu: () => cpuMicros() });
// The channel must not keep alive what would otherwise end.
process.channel?.unref();
