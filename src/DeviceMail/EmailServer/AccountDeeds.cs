using DeviceMail.Accounts;
using DeviceMail.Activity;

namespace DeviceMail.EmailServer;

/// <summary>A press on the page that was carried out.</summary>
/// <param name="Button">ok, sign-in, use, discard or sign-out.</param>
/// <param name="Before">The account as it was; null: there was none.</param>
/// <param name="After">The account as it is.</param>
public sealed record AccountPress(string Button, Account? Before, Account After)
{
    /// <summary>Who had signed in and waited for OK.</summary>
    public string? SignedInAs { get; init; }

    public bool SetsPassword { get; init; }

    public bool SetsClientSecret { get; init; }
}

/// <summary>What a press on the page means for the audit log: changed fields with their values, and that a secret was set or cleared, never which.</summary>
internal static class AccountDeeds
{
    private static readonly (string Name, Func<Account, string> Value)[] _fields =
    [
        ("Authentication Method", one => one.Method.ToString()),
        ("Email service", one => Providers.Find(one.Provider)?.Title ?? one.Provider),
        ("Application (client) ID", one => one.ClientId),
        ("Directory (tenant) ID", one => one.TenantId),
        ("Issuer", one => one.OAuth.Issuer),
        ("Device authorization address", one => one.OAuth.DeviceAuthorization),
        ("Authorization address", one => one.OAuth.Authorization),
        ("Sign in as", one => one.SignInAs.ToString()),
        ("Registered address", one => one.RedirectAddress),
        ("Send by", one => one.Transport.ToString()),
        ("Microsoft Graph address", one => one.GraphAddress),
        ("Large mail by Graph", one => one.SendsLargeByGraph ? "Enable" : "Disable"),
        ("Token address", one => one.OAuth.Token),
        ("Scopes", one => one.OAuth.Scopes),
        ("Token mechanism", one => one.OAuth.Mechanism.ToString()),
        ("Authenticated Account", one => one.UserName),
        ("Sender's Email Address", one => one.Address.ToString()),
        ("SMTP Server Address", one => one.Host),
        ("SMTP Server Port Number", one => $"{one.Port}"),
        ("Secure Connection", one => one.Security.ToString()),
        ("Certificate Validation", one => one.VerifiesCertificate ? "Enable" : "Disable"),
        ("POP3 Server Address", one => one.PopHost),
        ("POP3 Server Port Number", one => $"{one.PopPort}"),
    ];

    public static IEnumerable<Deed> Of(AccountPress press)
    {
        var subject = press.After.Address.ToString();
        var changed = _fields.Where(field => press.Before is null ? field.Value(press.After).Length > 0 : field.Value(press.Before) != field.Value(press.After)).ToList();
        if (changed.Count > 0)
        {
            yield return new Deed(press.Before is null ? "Made the account" : "Changed the account", subject)
            {
                Before = press.Before is { } before ? Lines(changed, before) : "",
                After = Lines(changed, press.After),
            };
        }
        if (press.Before is { } former && !EmailServerDesk.KeepsSecrets(former, press.After)) yield return new Deed("Cleared what was stored for the account's former addresses", subject);
        if (press.SetsPassword && press.Button is not ("sign-in" or "discard" or "sign-out" or "use")) yield return new Deed("Set the account's password", subject);
        if (press.SetsClientSecret && press.Button is not ("discard" or "sign-out" or "use")) yield return new Deed("Set the application's client secret", subject);
        if (press.Button switch
        {
            "discard" => $"Discarded the sign-in as {press.SignedInAs ?? "nobody"} that was not saved",
            "sign-out" => "Signed the account out",
            "use" => $"Saved the sign-in as {press.SignedInAs}",
            "ok" when press.SignedInAs is { } who => $"Saved the sign-in as {who}",
            _ => null,
        } is { } what) yield return new Deed(what, subject);
        else if (changed.Count == 0 && !press.SetsPassword && !press.SetsClientSecret) yield return new Deed(press.Button == "sign-in" ? "Opened the sign-in of the account" : "Saved the account without a change", subject);
    }

    private static string Lines(List<(string Name, Func<Account, string> Value)> fields, Account account) =>
        string.Join('\n', fields.Select(field => $"{field.Name}: {field.Value(account)}"));
}
