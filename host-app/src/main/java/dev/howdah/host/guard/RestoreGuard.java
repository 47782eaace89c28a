package dev.howdah.host.guard;

import dev.howdah.plugin.backup.RestoreResult;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lets restore results through that PostgreSQL can replay with. */
public final class RestoreGuard {

  /** A line that sets it to something; PostgreSQL takes the equals sign for optional. */
  private static final Pattern RESTORE_COMMAND =
      Pattern.compile("(?im)^[ \\t]*restore_command(?:[ \\t]*=[ \\t]*|[ \\t]+)'[^'\\s].*$");

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /**
   * Checks a result.
   *
   * @param plugin name of the plugin
   * @param result what its hook returned
   * @return the result
   * @throws GuardViolation if there is none, the configuration has no {@code restore_command}, or a
   *     variable is malformed
   */
  public RestoreResult check(String plugin, @Nullable RestoreResult result) {
    if (result == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its restore returned nothing; return how PostgreSQL shall go on.");
    }
    checkConfiguration(plugin, result.configuration());
    checkEnvironment(plugin, new TreeMap<>(result.environment()));
    return result;
  }

  private static void checkConfiguration(String plugin, @Nullable String configuration) {
    if (configuration == null || !RESTORE_COMMAND.matcher(configuration).find()) {
      throw new GuardViolation(
          plugin,
          GuardRule.RESTORE_CONFIGURATION,
          "its configuration has no restore_command, so PostgreSQL couldn't fetch WAL; add the line"
              + " restore_command = '...'.");
    }
    if (configuration.indexOf('\0') >= 0) {
      throw new GuardViolation(
          plugin,
          GuardRule.RESTORE_CONFIGURATION,
          "its configuration has a NUL character, where PostgreSQL would stop reading; remove it.");
    }
  }

  private static void checkEnvironment(String plugin, Map<String, String> environment) {
    environment.forEach(
        (name, value) -> {
          if (!VARIABLE.matcher(name).matches()) {
            throw new GuardViolation(
                plugin,
                GuardRule.RESTORE_ENVIRONMENT,
                "'%s' is not the name of an environment variable; write letters, digits and '_'."
                    .formatted(StableMessage.of(name, "")));
          }
          if (value.indexOf('\0') >= 0) {
            throw new GuardViolation(
                plugin,
                GuardRule.RESTORE_ENVIRONMENT,
                "the environment variable '%s' has a NUL character; remove it.".formatted(name));
          }
        });
  }
}
