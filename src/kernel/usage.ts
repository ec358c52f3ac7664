/** Resource usage of a thread or a process (getrusage(2)). */

export class Usage {
  /** Nanoseconds of guest time. */
  user = 0;
  system = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
  /** Bytes that read(2), write(2) and their kin have moved, and how often they were called (proc_pid_io(5)). */
  readBytes = 0;
  writtenBytes = 0;
  reads = 0;
  writes = 0;
  /** Most frames at once, of the largest member. */
  maxFrames = 0;

  add(other: Usage): void {
    this.user += other.user;
    this.system += other.system;
    this.minorFaults += other.minorFaults;
    this.majorFaults += other.majorFaults;
    this.voluntarySwitches += other.voluntarySwitches;
    this.involuntarySwitches += other.involuntarySwitches;
    this.readBytes += other.readBytes;
    this.writtenBytes += other.writtenBytes;
    this.reads += other.reads;
    this.writes += other.writes;
    this.maxFrames = Math.max(this.maxFrames, other.maxFrames);
  }
}
