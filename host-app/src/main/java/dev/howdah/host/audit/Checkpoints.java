package dev.howdah.host.audit;

import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks the signature of a checkpoint, which is the same wherever a copy of it lies. */
final class Checkpoints {

  private Checkpoints() {}

  /** Whether a checkpoint carries a signature that the key made over all its other fields. */
  static boolean signedBy(TrailPublicKey key, JsonNode checkpoint) {
    if (!(checkpoint.deepCopy() instanceof ObjectNode unsigned)
        || !checkpoint.path("key").asString("").equals(key.id())) {
      return false;
    }
    unsigned.remove("signature");
    try {
      byte[] signature = Base64.getDecoder().decode(checkpoint.path("signature").asString(""));
      return key.verifies(CanonicalJson.bytes(unsigned), signature);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
