/** The scenario that `init` writes: everything a first scenario needs, each key explained. */
export const firstScenario = `# yaml-language-server: $schema=./scenario.schema.json
# Run it with:  npx cluster-chat run scenario.yaml
version: 1
name: one node dies, nobody loses a message

# Every choice made by chance follows from the seed; the same seed replays the run.
seed: 4711

# The cluster that is started for the run. To test one of your own instead, replace it by
#   target: { urls: [ws://127.0.0.1:8080/ws] }
# and remove the steps.
cluster:
  nodes: 3
  broker: embedded # simple: no broker, every node for itself; or the URL of a broker
  balancer: { kind: embedded, policy: round-robin }

clients:
  - name: chatters
    count: 60
    rooms: 6 # ten clients in each room
    subscribe: /topic/{room}.messages
    send: { to: "/topic/{room}.messages", every: 1s, size: 200B, receipt: true }
    # How they come back when their connection is lost: the profile of a client library.
    reconnect: { profile: full-jitter, min: 100ms, max: 5s }
    # After coming back they ask for what they missed.
    recover: true

warmup: 2s
duration: 20s

# What happens meanwhile; times count from the start of the load, after the warm-up.
steps:
  - at: 5s
    kill: node-2
  - at: 10s
    start: node-2

# What the system promises. At least once: nothing is lost, duplicates are allowed.
contract: at-least-once

# What else must hold. Units are mandatory for times.
thresholds:
  delivery.missing: ["count == 0"]
  delivery.latency: ["p(99) < 500ms"]
  reconnect.time: ["p(95) < 5s"]
`;

/** A GitHub Actions job that runs the scenario on every push. */
export const ciJob = `name: cluster-chat
on: [push, pull_request]
jobs:
  delivery:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      # Exit code 1: a threshold or the contract failed. 3: the run could not be judged.
      - run: npx --yes cluster-chat run scenario.yaml --reporter junit=junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: cluster-chat
          path: |
            junit.xml
            .cluster-chat/runs
          include-hidden-files: true
          if-no-files-found: ignore
`;
