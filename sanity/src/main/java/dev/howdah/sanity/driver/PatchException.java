package dev.howdah.sanity.driver;

/** A plugin's patch is not one, or doesn't fit the object. */
public final class PatchException extends Exception {
  private static final long serialVersionUID = 1L;

  PatchException(String message) {
    super(message);
  }
}
