package dev.howdah.host.discovery;

import dev.howdah.host.catalog.Problem;
import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.guard.GuardViolation;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Says of whatever a plugin's start threw what it means, and what to do about it. */
final class StartProblem {

  private StartProblem() {}

  /**
   * Explains.
   *
   * @param step what of the plugin was called, such as {@code start()}
   * @param thrown what it threw
   */
  static Problem of(String step, Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case GuardViolation violation -> {
          return new Problem(String.valueOf(violation.getMessage()), "");
        }
        case UnusablePlugin unusable -> {
          return unusable.problem();
        }
        case ConfigurationException wrong -> {
          return new Problem(
              String.valueOf(wrong.getMessage()),
              "Start the host again when the setting is right; plugins are made once.");
        }
        case ExceptionInInitializerError failed -> {
          return inClass(failed);
        }
        case NoSuchBeanDefinitionException missing -> {
          return unexported(missing);
        }
        default -> {}
      }
    }
    Throwable root = root(thrown);
    return switch (root) {
      case ClassNotFoundException missing -> missingClass(missing.getMessage());
      case NoClassDefFoundError missing -> missingClass(missing.getMessage());
      case NoSuchMethodError missing ->
          new Problem(
              "It calls %s, which isn't in the version that it brings or the host shares."
                  .formatted(missing.getMessage()),
              "Build the plugin against the versions that it runs with.");
      case UnsupportedClassVersionError wrong ->
          new Problem(
              "One of its classes was compiled for a newer Java: %s.".formatted(wrong.getMessage()),
              "Compile the plugin with --release %d.".formatted(Runtime.version().feature()));
      default ->
          new Problem(
              "%s failed: %s".formatted(capitalised(step), message(root)),
              "Correct the plugin or its settings; the host's log has the details.");
    };
  }

  /**
   * Whether the stack trace says more than the problem does: something of the plugin's own failed.
   *
   * @param thrown what its start threw
   */
  static boolean wantsTrace(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof GuardViolation
          || cause instanceof UnusablePlugin
          || cause instanceof ConfigurationException
          || cause instanceof NoSuchBeanDefinitionException) {
        return false;
      }
    }
    return switch (root(thrown)) {
      case ClassNotFoundException _, NoSuchMethodError _, UnsupportedClassVersionError _ -> false;
      case NoClassDefFoundError _ -> false;
      default -> true;
    };
  }

  private static Problem missingClass(@Nullable String message) {
    String name = String.valueOf(message);
    return new Problem(
        "It needs the class %s, which isn't there.".formatted(name.replace('/', '.')),
        "Put the missing dependency into the plugin's JAR or folder; the host's own libraries are"
            + " invisible to plugins.");
  }

  private static Problem inClass(ExceptionInInitializerError failed) {
    return new Problem(
        "One of its classes can't be initialised: %s".formatted(message(root(failed))),
        "Correct the static initialiser; the host's log has the details.");
  }

  private static Problem unexported(NoSuchBeanDefinitionException missing) {
    var type = missing.getResolvableType();
    return new Problem(
        "Its constructor asks for %s, which the host doesn't export."
            .formatted(type == null ? missing.getBeanName() : type.toString()),
        "Take only what the host exports: PluginConfiguration, Clock, MeterRegistry.");
  }

  private static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String message(Throwable root) {
    String message = root.getMessage();
    if (message == null || message.isBlank()) {
      return root.getClass().getSimpleName() + ".";
    }
    return message.endsWith(".") ? message : message + ".";
  }

  private static String capitalised(String step) {
    return step.startsWith("its ") ? "Its " + step.substring(4) : step;
  }
}
