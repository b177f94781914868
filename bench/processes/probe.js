// Loaded with --import into the built program, to ask it for what only it knows about itself.
import { answerWith, cpuMicros, memory } from './answer.js';

answerWith({ memory, cpu: () => cpuMicros() });
