using DeviceMail.Messages;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Web;

/// <summary>The one administrator: an address for notices and a password for Web Config.</summary>
public sealed class Administrator(Database database, SettingsStore settings, TimeProvider time)
{
    private volatile string? _passwordHash = database.Read(session => session.First("SELECT password_hash FROM administrator", row => row.Text(0)));

    /// <summary>Whether somebody has made the gateway theirs.</summary>
    public bool Exists => _passwordHash is not null;

    /// <summary>Raised when the password was set: earlier logins end.</summary>
    public event Action? PasswordChanged;

    public async Task<bool> HasPasswordAsync(string password) =>
        _passwordHash is { } hash && password.Length <= PasswordRules.Longest && await PasswordHash.FitsAsync(password, hash);

    public async Task SetAsync(MailAddress address, string password)
    {
        await settings.SaveAsync(new Dictionary<string, string> { [SettingsCatalogue.AdministratorAddress.Name] = address.ToString() });
        await WriteAsync(address, password);
    }

    /// <summary>Keeps the address.</summary>
    public Task ChangePasswordAsync(string password) => WriteAsync(null, password);

    private async Task WriteAsync(MailAddress? address, string password)
    {
        var hash = await PasswordHash.MakeAsync(password);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(session => session.Execute(
            "INSERT INTO administrator (id, address, password_hash, changed_at) VALUES (1, @1, @2, @3) "
            + "ON CONFLICT (id) DO UPDATE SET address = coalesce(nullif(@1, ''), address), password_hash = @2, changed_at = @3", address?.ToString() ?? "", hash, now));
        _passwordHash = hash;
        PasswordChanged?.Invoke();
    }
}
