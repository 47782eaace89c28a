package dev.howdah.plugins.configuration.catalogue;

import java.util.Locale;

/** What a parameter's values are: the column {@code vartype} of {@code pg_settings}. */
public enum SettingType {
  /** On or off. */
  BOOL,
  /** A whole number, with or without a unit. */
  INTEGER,
  /** A number, with or without a unit. */
  REAL,
  /** One word of a list. */
  ENUM,
  /** Text. */
  STRING;

  static SettingType parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
