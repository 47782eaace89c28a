package dev.howdah.host.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Patches that were made and proven before. The operator asks about the same Pods in every loop of
 * a Cluster, and a patch is a function of the object as it was and as it is wanted, so the second
 * time only that needs to be shown: that both are the same, by their SHA-256. Thread-safe.
 */
final class PatchMemory {

  /** Bytes of keys and patches at most: those of some thousand Pods. */
  private static final long MOST_BYTES = 4L << 20;

  private static final int BYTES_OF_AN_ENTRY = 150;

  private final Cache<ByteBuffer, byte[]> patches =
      Caffeine.newBuilder()
          .maximumWeight(MOST_BYTES)
          .weigher((ByteBuffer key, byte[] patch) -> BYTES_OF_AN_ENTRY + patch.length)
          // Tidying is done by who stores; it is too little for a thread of its own.
          .executor(Runnable::run)
          .build();

  /**
   * What names a change.
   *
   * @param model the class that models the object
   * @param original the object's JSON as it was sent
   * @param wanted its JSON as the plugin's object gives it
   */
  static ByteBuffer key(Class<?> model, byte[] original, byte[] wanted) {
    MessageDigest digest = sha256();
    digest.update(model.getName().getBytes(StandardCharsets.UTF_8));
    // The length keeps the one's end apart from the other's begin.
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(original.length).flip());
    digest.update(original);
    digest.update(wanted);
    return ByteBuffer.wrap(digest.digest());
  }

  byte @Nullable [] get(ByteBuffer key) {
    byte[] patch = patches.getIfPresent(key);
    return patch == null ? null : patch.clone();
  }

  void put(ByteBuffer key, byte[] patch) {
    patches.put(key, patch.clone());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }
}
