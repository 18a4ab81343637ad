using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>The passwords of accounts with the method SMTP AUTH, sealed and never shown again.</summary>
public sealed class PasswordKeeper(SecretStore secrets)
{
    public Secret? Find(Account account) => secrets.Find(SecretNames.Password(account));

    public void Set(Account account, Secret password) => secrets.Put(SecretNames.Password(account), password);
}
