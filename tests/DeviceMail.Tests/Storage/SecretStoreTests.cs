using System.Text;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Storage;

public sealed class SecretStoreTests
{
    private static readonly SecretName _token = new("account 1", "refresh-token", "https://login.contoso.example smtp.contoso.example:587");

    [Fact]
    public void A_secret_is_there_after_a_restart_and_lies_sealed_on_the_disk()
    {
        using var folder = new Folder();
        With(folder, store => store.Put(_token, new Secret("correct-horse-battery")));
        With(folder, store => Assert.Equal("correct-horse-battery", store.Find(_token)!.Reveal()));
        foreach (var file in Directory.GetFiles(folder.Path, "secrets*"))
            Assert.DoesNotContain("correct-horse", Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_opens_for_its_own_owner_field_and_addresses_only()
    {
        using var folder = new Folder();
        With(folder, store =>
        {
            store.Put(_token, new Secret("token"));
            Assert.Null(store.Find(_token with { Endpoint = "https://login.contoso.example smtp.evil.example:587" }));
            Assert.Null(store.Find(_token with { Owner = "account 2" }));
            Assert.Null(store.Find(_token with { Field = "client-secret" }));
        });
    }

    [Fact]
    public void Another_key_opens_nothing_and_breaks_nothing()
    {
        using var folder = new Folder();
        With(folder, store => store.Put(_token, new Secret("token")));
        File.Move(folder.In("keyring"), folder.In("keyring-of-before"));
        With(folder, store => Assert.Null(store.Find(_token)));
        File.Move(folder.In("keyring-of-before"), folder.In("keyring"), overwrite: true);
        With(folder, store => Assert.Equal("token", store.Find(_token)!.Reveal()));
    }

    [Fact]
    public void A_secret_is_replaced_and_removed()
    {
        using var folder = new Folder();
        With(folder, store =>
        {
            store.Put(_token, new Secret("one"));
            store.Put(_token, new Secret("two"));
            Assert.Equal("two", store.Find(_token)!.Reveal());
            store.Remove(_token.Owner, _token.Field);
            Assert.False(store.Exists(_token.Owner, _token.Field));
        });
    }

    private static void With(Folder folder, Action<SecretStore> work)
    {
        using var data = DataFolder.Open(folder.Path);
        using var store = new SecretStore(data, Keyring.Load(data));
        work(store);
    }
}
