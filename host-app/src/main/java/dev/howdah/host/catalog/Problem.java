package dev.howdah.host.catalog;

/**
 * Why a plugin doesn't serve.
 *
 * @param reason what is wrong, as a stable sentence
 * @param remedy what to do about it
 */
public record Problem(String reason, String remedy) {

  @Override
  public String toString() {
    return remedy.isEmpty() ? reason : reason + " " + remedy;
  }
}
