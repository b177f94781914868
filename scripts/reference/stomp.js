import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, table } from './markdown.js';

const introduction = `The relay node speaks STOMP 1.0, 1.1 and 1.2 over WebSocket at \`/ws\`, and the embedded broker speaks the same over TCP. Behind both is one implementation. Every rule below is a test of that id, run in each version that it binds over each of the two transports.

## Destinations

| destination | SEND reaches | SUBSCRIBE |
|---|---|---|
| \`/topic/…\`, and everything not named below | all subscribers on all nodes | position and recovery by the headers \`epoch\` and \`offset\` |
| \`/queue/…\` | one of the competing consumers of all nodes, in turn | takes part in the queue |
| \`/user/{name}/queue/…\`, \`/user/{name}/topic/…\` | all sessions of that user on all nodes | not possible |
| \`/user/queue/…\`, \`/user/topic/…\` | not possible | one's own private destination; position and recovery as for topics |

A destination is at most 255 octets long and has at most 16 segments of letters, digits, \`.\`, \`_\` and \`-\`. There are no wildcards.

**Queues.** A message is kept until a consumer has settled it: with \`ack:auto\` when it is written to the consumer, otherwise with ACK. Several consumers take turns. A consumer is given at most 100 messages that it has not settled; the header \`prefetch-count\` of SUBSCRIBE (1 to 1,000) says another number. NACK, UNSUBSCRIBE and the loss of a session or node bring back what was not settled; it goes out again, before all younger messages, with \`redelivered:true\`. Delivery is at least once: an ACK that is lost together with its node means a second delivery. A queue holds 10,000 messages or 16 MiB, all queues together 128 MiB, and there are 1,000 at most; beyond that SEND is refused with an ERROR, and nothing is ever dropped to make room. Queues of \`simple\` and \`embedded\` live in the broker's memory and end with its process. Those of \`redis://\` live in Redis (database keys \`cluster-chat:queue*\`), last as long as its data and never expire; its \`maxmemory-policy\` must not evict them. What a killed node had not settled there goes to other nodes within about a second, or ten where its machine is gone without a word. On \`amqp://\` each is a durable queue of RabbitMQ, named \`cluster-chat./queue/…\`, that stays until somebody deletes it there; it holds as much, not counting what consumers have and have not settled, and a node uses 1,000 at most. A broker that keeps no queues refuses SEND and SUBSCRIBE to \`/queue/…\` with an ERROR.

**Users.** The user of a session is the \`login\` of its CONNECT, or else the session's own id; CONNECTED says it as \`user-name\`. Unless the node was given a credential a login is not verified: anybody may be anybody. In \`/user/{name}/…\` a name is written as \`encodeURIComponent\` writes it; \`@\` and \`+\` may stay. A private destination is an ordinary topic of the broker with the user's name in it, so nodes need not know where a user is: there is no registry that could be stale after a fail-over, and what was missed is recovered by position on any node.

**Ours besides.** MESSAGE and the RECEIPT of SUBSCRIBE carry \`epoch\` and \`offset\` where the broker keeps history. A SUBSCRIBE with both is sent everything after that position before its RECEIPT, which then says \`recovered:true\`, or nothing of it and \`recovered:false\`.

**Gaps.** When a broker that keeps history loses messages on the way to a node (it was started again without its data, or a node was away for longer than what is stored reaches back), subscribers who are still connected are told. That is for those who count on recovery: their SUBSCRIBE carried a position, or \`recover:true\` where they had none yet. As with Centrifugo's "insufficient state" the session ends: an ERROR says how many subscriptions have lost messages, its body which, and the connection closes with 4501, at most 50 sessions or a tenth of them at a time; what an affected subscription is brought until then has no position. The client comes back, subscribes with the last position that it saw, and gets \`recovered:false\`. All others stay connected; gaps are counted in \`cluster_chat_broker_gaps_total\`.`;

function sectionText({ title, rules }) {
  const rows = rules.map(({ id, rule, level, versions, choice }) => {
    return [id, rule.replaceAll('\\', '\\\\'), level, versions.join(' '), choice ?? ''];
  });
  return `## ${title}\n\n${table(['id', 'rule', 'level', 'versions', 'what we do'], rows)}`;
}

/** What the nodes and the embedded broker make of STOMP; the rules are those that the tests of the checklist check. */
export function stompPage(root) {
  const { sections } = JSON.parse(readFileSync(join(root, 'test/server/checklist/rules.json'), 'utf8'));
  return page('STOMP', introduction, ...sections.map(sectionText));
}
