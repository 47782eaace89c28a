package dev.howdah.host.audit;

import java.util.List;

/**
 * What verifying a trail has shown.
 *
 * @param writers what is known of each writer's chain, by name
 * @param findings signs of tampering or damage; empty if there are none
 * @param limits what this verification can't prove, and what it would take
 */
public record VerificationReport(
    List<WriterReport> writers, List<Finding> findings, List<String> limits) {

  /** Copies the lists. */
  public VerificationReport {
    writers = List.copyOf(writers);
    findings = List.copyOf(findings);
    limits = List.copyOf(limits);
  }

  /** Whether nothing speaks against the trail. */
  public boolean intact() {
    return findings.isEmpty();
  }

  /**
   * What is known of one writer's chain.
   *
   * @param writer the writer
   * @param first number of the first line
   * @param last number of the last line that follows from those before it
   * @param attested number of the last line that a valid signature covers; 0 if none
   * @param headAt number that a head from elsewhere attests; 0 if none
   * @param end how the chain ends
   * @param summary all of this in a sentence
   */
  public record WriterReport(
      String writer, long first, long last, long attested, long headAt, End end, String summary) {}

  /** How a chain ends. */
  public enum End {
    /** With the line that a writer writes when it is stopped. */
    CLOSED,
    /** With a checkpoint: the writer runs, or ended without notice. */
    OPEN,
    /** With lines that no checkpoint covers yet. */
    UNATTESTED,
    /** In the middle of a line. */
    TORN
  }

  /**
   * One sign of tampering or damage.
   *
   * @param kind what it is
   * @param writer whose chain
   * @param file in which file; empty if in none
   * @param sequence at which line; 0 if at none
   * @param message what is wrong, in a sentence
   */
  public record Finding(Kind kind, String writer, String file, long sequence, String message) {}

  /** What is wrong. */
  public enum Kind {
    /** A line is not what the line after it, or its signature, says it was. */
    CHANGED,
    /** Lines are missing between two others. */
    REMOVED,
    /** A line stands in the wrong place, or twice. */
    MISPLACED,
    /** A line isn't one. */
    UNREADABLE,
    /** A checkpoint's signature doesn't hold, or is of an unknown key. */
    SIGNATURE,
    /** A file that must be there isn't. */
    FILE_MISSING,
    /** The chain ends before what was attested elsewhere. */
    CUT,
    /** The chain holds something else than what was attested elsewhere. */
    REWRITTEN,
    /** Nothing of a writer is left, though it was attested elsewhere. */
    WRITER_MISSING,
    /** A head from elsewhere isn't signed as it says. */
    HEAD_INVALID
  }
}
