package dev.howdah.testkit;

import java.util.SortedMap;
import java.util.TreeMap;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;

/** PostgreSQL's configuration after the plugin. */
public final class ConfigurationAnswer
    extends AbstractObjectAssert<ConfigurationAnswer, SortedMap<String, String>> {

  private final SortedMap<String, String> before;

  ConfigurationAnswer(SortedMap<String, String> before, SortedMap<String, String> after) {
    super(after, ConfigurationAnswer.class);
    this.before = before;
  }

  /** A setting is in force. */
  public ConfigurationAnswer sets(String parameter, String value) {
    Assertions.assertThat(actual).as("PostgreSQL's configuration").containsEntry(parameter, value);
    return this;
  }

  /** These settings are all that the plugin adds or changes. */
  public ConfigurationAnswer changesOnly(String... parameters) {
    SortedMap<String, String> changed = new TreeMap<>(actual);
    changed.entrySet().removeAll(before.entrySet());
    Assertions.assertThat(changed.keySet())
        .as("settings that the plugin adds or changes")
        .containsExactlyInAnyOrder(parameters);
    return this;
  }

  /** The configuration stays as it is. */
  public ConfigurationAnswer changesNothing() {
    Assertions.assertThat(actual).as("PostgreSQL's configuration").isEqualTo(before);
    return this;
  }
}
