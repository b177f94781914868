/** What one process used at one moment. */
export interface ProcessSample {
  readonly name: string;
  /** A new one is a new life. */
  readonly pid: number;
  readonly rssBytes: number | null;
  /** Open files and sockets. */
  readonly descriptors: number | null;
}

/** What one process, through all its lives, used during the load. */
export interface ProcessUsage {
  readonly name: string;
  readonly lives: number;
  readonly samples: number;
  readonly rssStartBytes: number | null;
  readonly rssEndBytes: number | null;
  readonly rssMaxBytes: number | null;
  /**
   * Least squares over what lies more than a minute, or a quarter of the load if that is shorter, after the begin of
   * each life; the lives together, each around its own mean. null for fewer than ten such samples.
   */
  readonly rssSlopeBytesPerHour: number | null;
  readonly fdStart: number | null;
  readonly fdEnd: number | null;
  readonly fdMax: number | null;
}

const microsPerHour = 3_600_000_000;
const longestSettlingMs = 60_000;
const leastSamples = 10;

/** Sums of squares of one life around its mean, which grow by a sample in constant room [Welford 1962]. */
interface Life {
  readonly pid: number;
  readonly fromMicros: number;
  count: number;
  meanMicros: number;
  meanBytes: number;
}

interface Account {
  life: Life;
  lives: number;
  samples: number;
  rss: Range;
  descriptors: Range;
  /** Over all lives. */
  settledSamples: number;
  squares: number;
  products: number;
}

interface Range {
  start: number | null;
  end: number | null;
  max: number | null;
}

/** The usage of all processes of a run; its size is that of their list, however long the run is. */
export class UsageBook {
  readonly #accounts = new Map<string, Account>();
  readonly #settlingMicros: number;

  /** @param loadMs length of the load */
  constructor(loadMs: number) {
    this.#settlingMicros = Math.min(longestSettlingMs, loadMs / 4) * 1000;
  }

  add(atMicros: number, samples: readonly ProcessSample[]): void {
    for (const sample of samples) {
      const account = this.#accountOf(sample, atMicros);
      account.samples++;
      extend(account.rss, sample.rssBytes);
      extend(account.descriptors, sample.descriptors);
      const isSettled = atMicros - account.life.fromMicros >= this.#settlingMicros;
      if (isSettled && sample.rssBytes !== null) regress(account, atMicros, sample.rssBytes);
    }
  }

  report(): ProcessUsage[] {
    return [...this.#accounts].map(([name, { lives, samples, rss, descriptors, ...sums }]) => ({
      name,
      lives,
      samples,
      rssStartBytes: rss.start,
      rssEndBytes: rss.end,
      rssMaxBytes: rss.max,
      rssSlopeBytesPerHour: slopeOf(sums),
      fdStart: descriptors.start,
      fdEnd: descriptors.end,
      fdMax: descriptors.max,
    }));
  }

  #accountOf({ name, pid }: ProcessSample, atMicros: number): Account {
    const known = this.#accounts.get(name);
    if (known?.life.pid === pid) return known;
    const life = { pid, fromMicros: atMicros, count: 0, meanMicros: 0, meanBytes: 0 };
    if (known !== undefined) {
      known.life = life;
      known.lives++;
      return known;
    }
    const account: Account = {
      ...{ life, lives: 1, samples: 0, settledSamples: 0, squares: 0, products: 0 },
      rss: { start: null, end: null, max: null },
      descriptors: { start: null, end: null, max: null },
    };
    this.#accounts.set(name, account);
    return account;
  }
}

function extend(range: Range, value: number | null): void {
  if (value === null) return;
  range.start ??= value;
  range.end = value;
  range.max = Math.max(range.max ?? value, value);
}

function regress(account: Account, atMicros: number, bytes: number): void {
  const { life } = account;
  life.count++;
  account.settledSamples++;
  const awayMicros = atMicros - life.meanMicros;
  life.meanMicros += awayMicros / life.count;
  life.meanBytes += (bytes - life.meanBytes) / life.count;
  account.squares += awayMicros * (atMicros - life.meanMicros);
  account.products += awayMicros * (bytes - life.meanBytes);
}

function slopeOf({ settledSamples, squares, products }: Pick<Account, 'settledSamples' | 'squares' | 'products'>) {
  if (settledSamples < leastSamples || squares === 0) return null;
  return (products / squares) * microsPerHour;
}
