import { defaultQueueLimits } from './queues.js';
import { originSeconds } from './redis-scripts.js';

/**
 * Queues inside Redis, every change in one step. Redis' own consumer groups can neither give consumers
 * their turn nor bring a message back to its old place, so a queue is a hash of messages by place, a
 * sorted set of the places that wait, and a list of the consumers that have room, in turn. A node is told
 * on its channel which places its consumers were given, and fetches them: a subscriber to whom more than
 * 32 MiB are on their way Redis would cut off, again and again. That nobody listens on the channel means
 * that the node's connection is lost. Nothing here expires by itself but the leases: what waits, waits.
 */

/** A node that has not been heard of for so long is dead, though its connection may look alive. */
const leaseMs = 10_000;
/** Ids of refused messages that are remembered for each origin, more than a node holds unconfirmed. */
const maxRefused = 65_536;
/** Where the messages of a queue are, by their places. */
export const messagesKey = (queue: string): string => `cluster-chat:queue-messages:${queue}`;
const { maxMessagesPerQueue, maxBytesPerQueue, maxBytes, maxQueues } = defaultQueueLimits;

/** In every script ARGV[1] is what the channels of nodes begin with. A consumer is `<node>.<number>`. */
const queueFunctions = `
local function key(kind, name) return 'cluster-chat:queue-' .. kind .. ':' .. name end
local function give(queue)
  local waiting, turn, returned = key('waiting', queue), key('turn', queue), key('returned', queue)
  while true do
    local place = redis.call('ZRANGE', waiting, 0, 0)[1]
    local consumer = place and redis.call('LINDEX', turn, 0)
    if not consumer then return end
    local giver = redis.call('HGET', returned, place)
    if consumer == giver then consumer = redis.call('LINDEX', turn, 1) or consumer end
    redis.call('LREM', turn, 1, consumer)
    local node, number = string.match(consumer, '^(.*)%.(%d+)$')
    if redis.call('PUBLISH', ARGV[1] .. node, number .. ' ' .. place .. ' ' .. (giver and 1 or 0)) > 0 then
      redis.call('ZREM', waiting, place)
      redis.call('SADD', key('given', consumer), place)
      if redis.call('HINCRBY', key('consumers', queue), consumer, -1) > 0 then redis.call('RPUSH', turn, consumer) end
    end
  end
end
local function takeOut(queue, consumer)
  redis.call('HDEL', key('consumers', queue), consumer)
  redis.call('LREM', key('turn', queue), 0, consumer)
  for _, place in ipairs(redis.call('SMEMBERS', key('given', consumer))) do
    redis.call('HSET', key('returned', queue), place, '')
    redis.call('ZADD', key('waiting', queue), place, place)
  end
  redis.call('DEL', key('given', consumer))
end
local function giveOrForget(queue)
  give(queue)
  if redis.call('EXISTS', key('messages', queue), key('consumers', queue)) > 0 then return end
  redis.call('DEL', key('state', queue))
  redis.call('SREM', 'cluster-chat:queues', queue)
end
local function drop(node)
  redis.call('SREM', 'cluster-chat:queue-nodes', node)
  local queues = {}
  local consumers = redis.call('HGETALL', key('node', node))
  redis.call('DEL', key('node', node), key('lease', node))
  for i = 1, #consumers, 2 do
    takeOut(consumers[i + 1], node .. '.' .. consumers[i])
    queues[consumers[i + 1]] = true
  end
  for queue in pairs(queues) do giveOrForget(queue) end
end
`;

/**
 * Keeps a message, once. KEYS: the last sequence of its origin, and what was refused of that; ARGV: queue,
 * sequence (empty when the id has none), payload. Answers with nothing, or why not.
 */
export const pushScript = `${queueFunctions}
local queue, sequence, payload = ARGV[2], ARGV[3], ARGV[4]
if sequence ~= '' then
  local last = redis.call('GET', KEYS[1])
  if last and tonumber(sequence) <= tonumber(last) then
    return redis.call('ZSCORE', KEYS[2], sequence) and 'The queue had no room.' or ''
  end
end
local messages, state = key('messages', queue), key('state', queue)
local isNew = redis.call('SISMEMBER', 'cluster-chat:queues', queue) == 0
local reason
if tonumber(redis.call('GET', 'cluster-chat:queues-bytes') or 0) + #payload > ${maxBytes} then
  reason = 'The queues are full: ${maxBytes} bytes.'
elseif isNew and redis.call('SCARD', 'cluster-chat:queues') >= ${maxQueues} then
  reason = 'The broker has ${maxQueues} queues already.'
elseif redis.call('HLEN', messages) >= ${maxMessagesPerQueue} then
  reason = 'The queue is full: ${maxMessagesPerQueue} messages.'
elseif tonumber(redis.call('HGET', state, 'bytes') or 0) + #payload > ${maxBytesPerQueue} then
  reason = 'The queue is full: ${maxBytesPerQueue} bytes.'
end
if reason and sequence ~= '' then
  redis.call('ZADD', KEYS[2], sequence, sequence)
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -${maxRefused + 1})
  redis.call('EXPIRE', KEYS[2], ${originSeconds})
end
if not reason then
  redis.call('SADD', 'cluster-chat:queues', queue)
  local place = string.format('%.0f', redis.call('HINCRBY', state, 'place', 1))
  redis.call('HSET', messages, place, payload)
  redis.call('HINCRBY', state, 'bytes', #payload)
  redis.call('INCRBY', 'cluster-chat:queues-bytes', #payload)
  redis.call('ZADD', key('waiting', queue), place, place)
  give(queue)
end
if sequence ~= '' then redis.call('SET', KEYS[1], sequence, 'EX', ${originSeconds}) end
return reason or ''
`;

/**
 * ARGV: queue, node, number of the consumer, how many deliveries it may have. Answers with nothing, or
 * why not, or with -1 when the node has no lease, so that its consumers would never be cleared away.
 */
export const joinScript = `${queueFunctions}
local queue, node, number = ARGV[2], ARGV[3], ARGV[4]
if redis.call('EXISTS', key('lease', node)) == 0 then return -1 end
local isNew = redis.call('SISMEMBER', 'cluster-chat:queues', queue) == 0
if isNew and redis.call('SCARD', 'cluster-chat:queues') >= ${maxQueues} then
  return 'The broker has ${maxQueues} queues already.'
end
redis.call('SADD', 'cluster-chat:queues', queue)
redis.call('HSET', key('node', node), number, queue)
redis.call('HSET', key('consumers', queue), node .. '.' .. number, ARGV[5])
redis.call('RPUSH', key('turn', queue), node .. '.' .. number)
give(queue)
return ''
`;

/** ARGV: queue, node, number of the consumer. */
export const leaveScript = `${queueFunctions}
redis.call('HDEL', key('node', ARGV[3]), ARGV[4])
takeOut(ARGV[2], ARGV[3] .. '.' .. ARGV[4])
giveOrForget(ARGV[2])
`;

/**
 * ARGV: queue, consumer, place, and accept, release, or gone: accept what is not there any more. What the consumer does
 * not have any more is not settled. Removes before it adds, which Redis lets it do also when its memory is full.
 */
export const settleScript = `${queueFunctions}
local queue, consumer, place = ARGV[2], ARGV[3], ARGV[4]
if ARGV[5] == 'gone' and redis.call('HEXISTS', key('messages', queue), place) == 1 then return end
if redis.call('SREM', key('given', consumer), place) == 0 then return end
if ARGV[5] ~= 'release' then
  local bytes = redis.call('HSTRLEN', key('messages', queue), place)
  redis.call('HDEL', key('messages', queue), place)
  redis.call('HDEL', key('returned', queue), place)
  redis.call('HINCRBY', key('state', queue), 'bytes', -bytes)
  redis.call('DECRBY', 'cluster-chat:queues-bytes', bytes)
else
  redis.call('HSET', key('returned', queue), place, consumer)
  redis.call('ZADD', key('waiting', queue), place, place)
end
if redis.call('HINCRBY', key('consumers', queue), consumer, 1) == 1 then
  redis.call('RPUSH', key('turn', queue), consumer)
end
give(queue)
`;

/**
 * A sign of life, and now and then a look at the other nodes: what the dead ones had goes back. ARGV:
 * node, and `new` for its first sign. Answers 0 when the lease has run out, so that others have its messages.
 */
export const leaseScript = `${queueFunctions}
local own = ARGV[2]
if ARGV[3] == 'new' then
  redis.call('SADD', 'cluster-chat:queue-nodes', own)
  redis.call('SET', key('lease', own), '', 'PX', ${leaseMs})
else
  if redis.call('PEXPIRE', key('lease', own), ${leaseMs}) == 0 then return 0 end
  if not redis.call('SET', 'cluster-chat:queue-looked', '', 'NX', 'PX', 900) then return 1 end
end
for _, node in ipairs(redis.call('SMEMBERS', 'cluster-chat:queue-nodes')) do
  local isAlive = redis.call('EXISTS', key('lease', node)) == 1 and redis.call('PUBLISH', ARGV[1] .. node, '') > 0
  if node ~= own and not isAlive then drop(node) end
end
return 1
`;

/** ARGV: node. It says goodbye, and what it has not settled goes back at once. */
export const dropScript = `${queueFunctions}
drop(ARGV[2])
`;
