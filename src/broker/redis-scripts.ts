/**
 * What Redis does in one step. Of each destination it keeps a place (a hash with the epoch and the last
 * offset) and a stream of the last messages, whose ids are `<offset>-1`. The epoch is made with the
 * place: when Redis lost the place, by a restart without data or by eviction, the next one is another.
 * The stream never outlives its place. Whole scripts are sent each time, not their digests: a server
 * that forgot them would let a later publish overtake the ones that it did not know.
 */

/** Redis forgets the place of a destination after a week, its messages after an hour of silence. */
const placeSeconds = 7 * 24 * 3_600;
const streamSeconds = 3_600;
/** Longer than any publish waits for its confirmation. */
export const originSeconds = 600;
/** The last messages of a destination that can be replayed; Redis keeps up to a hundred more, which is cheaper. */
export const maxReplayed = 1_000;
const pageMessages = 200;

/** KEYS[1] is the place, KEYS[2] the stream, ARGV[1] the epoch of a new place. */
const takePlace = `
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'offset', 0)
  redis.call('DEL', KEYS[2])
end
redis.call('EXPIRE', KEYS[1], ${placeSeconds})
`;

/**
 * Stores and sends a message, once. KEYS[3] holds the origin's last sequence; ARGV: epoch, channel,
 * sequence (empty when the id has none), payload.
 */
export const publishScript = `
if ARGV[3] ~= '' then
  local last = redis.call('GET', KEYS[3])
  if last and tonumber(ARGV[3]) <= tonumber(last) then return 0 end
end
${takePlace}
local offset = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'offset', 1))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${maxReplayed}, offset .. '-1', 'm', ARGV[4])
redis.call('EXPIRE', KEYS[2], ${streamSeconds})
if ARGV[3] ~= '' then redis.call('SET', KEYS[3], ARGV[3], 'EX', ${originSeconds}) end
redis.call('PUBLISH', ARGV[2], epoch .. ' ' .. offset .. '\\n' .. ARGV[4])
return 1
`;

/**
 * The place, and the first page of what is stored after a position. ARGV: epoch, the position's epoch
 * (empty for none) and offset, and whether it was seen by a node: a place behind it means that Redis
 * came back with older data, so that its offsets would be given a second time; it gets another epoch.
 */
export const readScript = `
${takePlace}
local offset = tonumber(redis.call('HGET', KEYS[1], 'offset'))
local since = tonumber(ARGV[3])
if ARGV[4] == '1' and epoch == ARGV[2] and since > offset then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch)
  redis.call('DEL', KEYS[2])
end
local shown = string.format('%.0f', offset)
if epoch ~= ARGV[2] or since > offset or offset - since > ${maxReplayed} then return {epoch, shown} end
local first = string.format('%.0f', since + 1) .. '-1'
return {epoch, shown, redis.call('XRANGE', KEYS[2], first, '+', 'COUNT', ${pageMessages})}
`;

/**
 * Fails where the server has no streams, takes no writes, is a cluster (which refuses two keys that it
 * keeps apart), or does not allow the user what a node must do; leaves nothing for long.
 */
export const probeScript = `
redis.call('XADD', KEYS[1], 'MAXLEN', 1, '*', 'm', '')
redis.call('EXPIRE', KEYS[1], 10)
redis.call('HSET', KEYS[2], 'epoch', '')
return redis.call('DEL', KEYS[2])
`;
