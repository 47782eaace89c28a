package dev.howdah.host.doctor;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** CloudNativePG's own Deployments. */
final class Operators {

  private static final Pattern VERSION = Pattern.compile(":v?(\\d+)\\.(\\d+)\\.(\\d+)");

  private Operators() {}

  /**
   * A version of the operator.
   *
   * @param major first number
   * @param minor second number
   * @param patch third number
   */
  record Version(int major, int minor, int patch) {
    boolean before(int otherMajor, int otherMinor) {
      return major < otherMajor || (major == otherMajor && minor < otherMinor);
    }

    @Override
    public String toString() {
      return major + "." + minor + "." + patch;
    }
  }

  static List<KubernetesObject> in(ClusterObjects objects) {
    return objects.of("Deployment").stream().filter(Operators::isOperator).toList();
  }

  static boolean isOperator(KubernetesObject deployment) {
    return deployment.label("app.kubernetes.io/name").filter("cloudnative-pg"::equals).isPresent();
  }

  /** Of its image's tag; empty if that says nothing. */
  static Optional<Version> version(KubernetesObject operator) {
    for (JsonNode container : operator.list("spec", "template", "spec", "containers")) {
      Matcher tag = VERSION.matcher(container.path("image").asString(""));
      if (tag.find()) {
        return Optional.of(
            new Version(
                Integer.parseInt(tag.group(1)),
                Integer.parseInt(tag.group(2)),
                Integer.parseInt(tag.group(3))));
      }
    }
    return Optional.empty();
  }
}
