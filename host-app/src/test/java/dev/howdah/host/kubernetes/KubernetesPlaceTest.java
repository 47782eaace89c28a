package dev.howdah.host.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.config.HowdahProperties.Kubernetes;
import dev.howdah.host.config.HowdahProperties.KubernetesUse;
import dev.howdah.host.config.Mode;
import dev.howdah.host.testing.Kubeconfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the API is looked for, and when a host goes without. */
class KubernetesPlaceTest {

  @TempDir Path folder;
  private Path serviceAccount;
  private Path kubeconfig;

  @BeforeEach
  void files() throws IOException {
    serviceAccount = Files.createDirectory(folder.resolve("serviceaccount"));
    kubeconfig = Kubeconfig.write(folder, "http://127.0.0.1:1/", "cnpg-system");
  }

  @Test
  void aHostWithoutAnApiGoesWithoutAndMakesNoClient() {
    try (KubernetesApi api = find(KubernetesUse.AUTO, Mode.ALL, null, Map.of())) {
      assertThat(api.available()).isFalse();
      assertThat(api.client()).isEmpty();
      assertThat(api.origin()).isEqualTo("neither a Pod's service account nor a kubeconfig");
    }
  }

  @Test
  void aHostThatMustHaveAnApiDoesntStartWithout() {
    assertThatThrownBy(() -> find(KubernetesUse.TRUE, Mode.ALL, null, Map.of()))
        .hasMessageContaining("Set howdah.kubernetes.kubeconfig");
  }

  @Test
  void aNamedKubeconfigIsUsedWithItsNamespace() {
    try (KubernetesApi api = find(KubernetesUse.AUTO, Mode.ALL, kubeconfig, Map.of())) {
      assertThat(api.place())
          .isEqualTo(new KubernetesApi.HostPlace("cnpg-system", "howdah", "replica"));
      assertThat(api.client()).hasValue(api.client().orElseThrow());
      assertThat(api.client().orElseThrow().getMasterUrl()).hasToString("http://127.0.0.1:1/");
    }
  }

  @Test
  void theVariableNamesAKubeconfigToo() {
    try (KubernetesApi api =
        find(KubernetesUse.AUTO, Mode.ALL, null, Map.of("KUBECONFIG", kubeconfig.toString()))) {
      assertThat(api.origin()).isEqualTo("the kubeconfig " + kubeconfig);
    }
  }

  @Test
  void aKubeconfigThatIsntThereEndsTheStart() {
    assertThatThrownBy(
            () -> find(KubernetesUse.AUTO, Mode.ALL, folder.resolve("nothing"), Map.of()))
        .hasMessageContaining("nothing can't be read");
  }

  @Test
  void aPodsServiceAccountIsFound() throws IOException {
    inPod();
    try (KubernetesApi api = find(KubernetesUse.AUTO, Mode.OPERATOR, null, IN_POD)) {
      assertThat(api.available()).isTrue();
      assertThat(api.place().namespace()).isEqualTo("operators");
    }
  }

  @Test
  void theSidecarLeavesTheDatabasesServiceAccountAlone() throws IOException {
    inPod();
    try (KubernetesApi api = find(KubernetesUse.AUTO, Mode.INSTANCE, null, IN_POD)) {
      assertThat(api.available()).isFalse();
    }
  }

  @Test
  void whatIsSwitchedOffIsOff() throws IOException {
    inPod();
    try (KubernetesApi api = find(KubernetesUse.FALSE, Mode.ALL, kubeconfig, IN_POD)) {
      assertThat(api.available()).isFalse();
    }
  }

  private static final Map<String, String> IN_POD =
      Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1", "KUBERNETES_SERVICE_PORT", "443");

  private void inPod() throws IOException {
    Files.writeString(serviceAccount.resolve("token"), "token");
    Files.writeString(serviceAccount.resolve("namespace"), "operators\n");
  }

  private KubernetesApi find(
      KubernetesUse use, Mode mode, @Nullable Path kubeconfig, Map<String, String> environment) {
    return new KubernetesPlace(
            new Kubernetes(use, kubeconfig, null, "howdah", "replica", Duration.ofSeconds(15)),
            mode,
            environment::get,
            serviceAccount)
        .find();
  }
}
