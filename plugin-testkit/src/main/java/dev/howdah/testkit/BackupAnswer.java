package dev.howdah.testkit;

import dev.howdah.plugin.backup.BackupResult;
import org.assertj.core.api.AbstractObjectAssert;

/** A base backup that was made, as the operator writes it into the Backup's status. */
public final class BackupAnswer extends AbstractObjectAssert<BackupAnswer, BackupResult> {

  BackupAnswer(BackupResult actual) {
    super(actual, BackupAnswer.class);
  }

  /** The result, for tests that go on with it. */
  public BackupResult result() {
    return actual;
  }
}
