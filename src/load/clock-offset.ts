/**
 * How far the clock of another process is ahead, from round trips: whatever the way took, the other's reading lies
 * between the moments of asking and of hearing the answer [RFC 5905, 8].
 *
 * Processes of one host read one clock (core/clock). So an offset of nought stands until a round trip excludes it; only
 * then is the clock a foreign one, whose times are corrected and trusted no further than the closest round trip.
 * The offset is fixed once, because times of one process must keep their order and their distances. What later round
 * trips contradict, be it slow drift or a jump, is doubt: the clock may be wrong by that much.
 */
export class ClockOffset {
  #lowMicros = Number.NEGATIVE_INFINITY;
  #highMicros = Number.POSITIVE_INFINITY;
  #isFixed = false;
  #offsetMicros = 0;
  #doubtMicros = 0;

  /** To be subtracted from the other's times; 0 until `fix`. */
  get offsetMicros(): number {
    return this.#offsetMicros;
  }

  /** How much the corrected times may still be wrong; 0 for a clock that is our own. */
  get doubtMicros(): number {
    return this.#doubtMicros;
  }

  /** One round trip: when it was asked, what the other's clock said, when the answer was here. */
  add(askedAtMicros: number, readAtMicros: number, answeredAtMicros: number): void {
    const [low, high] = [readAtMicros - answeredAtMicros, readAtMicros - askedAtMicros];
    if (this.#isFixed) {
      const beyondMicros = Math.max(0, low - this.#offsetMicros, this.#offsetMicros - high);
      this.#doubtMicros = Math.max(this.#doubtMicros, beyondMicros);
      return;
    }
    this.#lowMicros = Math.max(this.#lowMicros, low);
    this.#highMicros = Math.min(this.#highMicros, high);
  }

  /** From here on the offset stands. Does nothing before the first round trip, or a second time. */
  fix(): void {
    if (this.#isFixed || this.#highMicros === Number.POSITIVE_INFINITY) return;
    this.#isFixed = true;
    if (this.#lowMicros <= 0 && this.#highMicros >= 0) return;
    this.#offsetMicros = (this.#lowMicros + this.#highMicros) / 2;
    // A clock that was moved between two round trips leaves them without a common offset.
    this.#doubtMicros = Math.abs(this.#highMicros - this.#lowMicros) / 2;
  }
}
