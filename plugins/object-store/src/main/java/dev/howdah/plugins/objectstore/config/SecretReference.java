package dev.howdah.plugins.objectstore.config;

/**
 * One entry of a Secret.
 *
 * @param name the Secret's name
 * @param key the entry's key
 */
public record SecretReference(String name, String key) {
  @Override
  public String toString() {
    return name + "/" + key;
  }
}
