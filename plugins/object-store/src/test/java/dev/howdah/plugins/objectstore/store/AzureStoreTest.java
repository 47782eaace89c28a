package dev.howdah.plugins.objectstore.store;

import com.azure.storage.blob.BlobContainerClientBuilder;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Runs where the variable names an Azurite, such as {@code http://127.0.0.1:10000}. */
@EnabledIfEnvironmentVariable(named = "HOWDAH_TEST_AZURITE", matches = "http.+")
class AzureStoreTest extends StoreContract {

  // Azurite's account and key, which all its users share.
  private static final String ACCOUNT = "devstoreaccount1";
  private static final String KEY =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
  private static final String ENDPOINT = System.getenv("HOWDAH_TEST_AZURITE") + "/" + ACCOUNT;

  @Override
  Store open() throws Exception {
    String container = "c" + UUID.randomUUID();
    new BlobContainerClientBuilder()
        .httpClient(new com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder().build())
        .endpoint(ENDPOINT)
        .credential(new com.azure.storage.common.StorageSharedKeyCredential(ACCOUNT, KEY))
        .containerName(container)
        .buildClient()
        .create();
    return AzureStore.open(settings(container, KEY));
  }

  @Test
  void aMissingContainerIsAMistakeInTheSettings() throws Exception {
    try (Store missing = AzureStore.open(settings("missing", KEY))) {
      assertFails(Kind.MISCONFIGURED, () -> missing.list("wals/"));
    }
  }

  @Test
  void aWrongKeyIsDenied() throws Exception {
    try (Store denied = AzureStore.open(settings("missing", "d3Jvbmc="))) {
      assertFails(Kind.DENIED, () -> denied.list("wals/"));
    }
  }

  private static AzureSettings settings(String container, String key) {
    return new AzureSettings(
        ENDPOINT,
        container,
        "some/path",
        new AzureSettings.Credentials.AccountKey(ACCOUNT, key),
        List.of(),
        S3Settings.Timeouts.DEFAULT);
  }
}
