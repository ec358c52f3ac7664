/** Resource usage of a thread or a process (getrusage(2)). */

export class Usage {
  /** Nanoseconds of guest time. */
  user = 0;
  system = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
  /** Most frames at once, of the largest member. */
  maxFrames = 0;

  add(other: Usage): void {
    this.user += other.user;
    this.system += other.system;
    this.minorFaults += other.minorFaults;
    this.majorFaults += other.majorFaults;
    this.voluntarySwitches += other.voluntarySwitches;
    this.involuntarySwitches += other.involuntarySwitches;
    this.maxFrames = Math.max(this.maxFrames, other.maxFrames);
  }
}
