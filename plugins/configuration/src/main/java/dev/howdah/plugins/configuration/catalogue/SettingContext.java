package dev.howdah.plugins.configuration.catalogue;

import java.util.Locale;

/** When a parameter can be changed: the column {@code context} of {@code pg_settings}. */
public enum SettingContext {
  /** Never; it shows how the server was built. */
  INTERNAL,
  /** When the server starts. */
  POSTMASTER,
  /** When the configuration is reloaded. */
  SIGHUP,
  /** When a superuser's connection begins, or for new connections by reload. */
  SUPERUSER_BACKEND,
  /** When a connection begins, or for new connections by reload. */
  BACKEND,
  /** At any time by a superuser, or by reload. */
  SUPERUSER,
  /** At any time by anybody, or by reload. */
  USER;

  static SettingContext parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
