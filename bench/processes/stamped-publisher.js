// One publisher of stamped messages at a steady rate, as the load of a run makes them.
//   stamped-publisher.js <URL of the bundled source> <run number>
import { WebSocket } from 'ws';
import { answerWith } from './answer.js';

const [sourceUrl, runNumber] = process.argv.slice(2);
const { writeStamp } = await import(sourceUrl);

let sequence = 0;

function sendFrame(destination, bodyBytes) {
  const micros = Math.floor(performance.now() * 1000);
  const stamp = {
    runNumber: Number(runNumber),
    kind: 'm',
    publisher: 0,
    epoch: 1,
    destination: 0,
    sequence: ++sequence,
    intendedAtMicros: micros,
    writtenAtMicros: micros,
  };
  const head = `SEND\ndestination:${destination}\ncontent-length:${bodyBytes}\n\n`;
  return `${head}${writeStamp(stamp, bodyBytes).toString('latin1')}\0`;
}

async function start({ url, destination, bodyBytes, burst, everyMs }) {
  const ws = new WebSocket(url, ['v12.stomp'], { perMessageDeflate: false });
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  ws.send('CONNECT\naccept-version:1.2\nhost:bench\nheart-beat:0,0\n\n\0');
  await new Promise((resolve) => ws.once('message', resolve));
  setInterval(() => {
    for (let i = 0; i < burst; i++) ws.send(sendFrame(destination, bodyBytes));
  }, everyMs);
}

answerWith({ start });
