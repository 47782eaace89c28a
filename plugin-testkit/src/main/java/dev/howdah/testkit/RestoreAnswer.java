package dev.howdah.testkit;

import dev.howdah.plugin.backup.RestoreResult;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;

/** How PostgreSQL goes on after a restore. */
public final class RestoreAnswer extends AbstractObjectAssert<RestoreAnswer, RestoreResult> {

  RestoreAnswer(RestoreResult actual) {
    super(actual, RestoreAnswer.class);
  }

  /** The configuration for the replay has these words. */
  public RestoreAnswer configures(String text) {
    Assertions.assertThat(actual.configuration()).as("configuration for the replay").contains(text);
    return this;
  }
}
