package dev.howdah.sanity;

import java.time.Duration;
import java.util.List;

/**
 * What came of one check against one target.
 *
 * @param check the check that was run or skipped
 * @param status its outcome
 * @param findings what was seen, for a failure; why, for a skip; empty when it passed
 * @param duration how long it took
 */
public record Result(Check check, Status status, List<String> findings, Duration duration) {

  /** Keeps the findings from changing afterwards. */
  public Result {
    findings = List.copyOf(findings);
  }
}
