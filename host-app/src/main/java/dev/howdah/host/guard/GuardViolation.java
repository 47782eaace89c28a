package dev.howdah.host.guard;

import java.util.Objects;

/**
 * A plugin's answer that must not reach the caller. The message is for the caller: it names the
 * plugin, says what is wrong and what to do, and is the same whenever the same thing is wrong.
 */
public final class GuardViolation extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String plugin;
  private final GuardRule rule;

  /**
   * Makes a violation.
   *
   * @param plugin name of the plugin
   * @param rule the rule that was broken
   * @param problem what is wrong and what the plugin has to do instead; stable, ends with a full
   *     stop
   */
  public GuardViolation(String plugin, GuardRule rule, String problem) {
    super("The answer of plugin '%s' was refused: %s".formatted(plugin, problem));
    this.plugin = Objects.requireNonNull(plugin, "plugin is null");
    this.rule = Objects.requireNonNull(rule, "rule is null");
  }

  /** Name of the plugin. */
  public String plugin() {
    return plugin;
  }

  /** The rule that was broken. */
  public GuardRule rule() {
    return rule;
  }
}
