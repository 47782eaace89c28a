package dev.howdah.plugins.configuration.profile;

/** How large the data is beside the memory. */
public enum DataSize {
  /** All of it fits into memory. */
  FITS,
  /** About as large, or unknown. */
  SIMILAR,
  /** Much larger. */
  LARGER
}
