using System.Text;
using DeviceMail.Lab.Entra;

namespace DeviceMail.Lab.Exchange;

/// <summary>Who signed in to an SMTP session: the account of the token, and the mailbox it opened.</summary>
public sealed record SmtpIdentity(string Account, string Mailbox)
{
    /// <summary>The session of the token; null for a password.</summary>
    public SignInSession? Session { get; init; }
}

/// <summary>The answer to an AUTH: a reply, and an identity when it succeeded.</summary>
public sealed record AuthOutcome(string Reply, SmtpIdentity? Identity);

/// <summary>AUTH XOAUTH2 and AUTH LOGIN (RFC 4954), with Exchange Online's refusals: a straight 535, never a JSON challenge.</summary>
public sealed class SmtpSignIn(PretendCloud cloud, SmtpReplies replies, SmtpConnection connection)
{
    private const string UserPrompt = "334 VXNlcm5hbWU6", PasswordPrompt = "334 UGFzc3dvcmQ6";

    /// <summary>Null when the connection ended in the middle.</summary>
    public async Task<AuthOutcome?> RunAsync(string argument, CancellationToken ct)
    {
        var parts = argument.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
        var initial = parts.Length > 1 ? parts[1] : null;
        return parts.FirstOrDefault()?.ToUpperInvariant() switch
        {
            "XOAUTH2" => await TokenAsync(initial, ct),
            "LOGIN" => await PasswordAsync(initial, ct),
            null => Refuse(SmtpReplies.BadArguments),
            _ => Refuse(SmtpReplies.UnknownMechanism),
        };
    }

    private async Task<AuthOutcome?> TokenAsync(string? initial, CancellationToken ct)
    {
        var response = initial ?? await AskAsync("334 ", ct);
        if (response is null)
            return null;
        if (Decode(response) is not { } text)
            return Refuse(SmtpReplies.BadArguments);
        var fields = text.Split('\u0001');
        var user = fields.FirstOrDefault(field => field.StartsWith("user=", StringComparison.Ordinal))?[5..];
        var token = fields.FirstOrDefault(field => field.StartsWith("auth=Bearer ", StringComparison.OrdinalIgnoreCase))?[12..];
        if (user is null || token is null || !text.EndsWith("\u0001\u0001", StringComparison.Ordinal))
            return Refuse(replies.BadToken);
        if (cloud.Switches.TakeAuthRefusal() || cloud.Tokens.OpenSmtp(token) is not { } grant)
            return Refuse(replies.BadToken);
        var account = grant.Session.Account.Address;
        // An application may name any mailbox here; whether it may open it is found out when the message is stored.
        if (grant.IsApplication ? cloud.Tenant.FindMailbox(user) is not { Kind: not AccountKind.Personal } : !cloud.Tenant.MayOpen(account, user))
            return Refuse(replies.BadToken);
        var mailbox = cloud.Tenant.MailboxOf(user);
        return Closed(mailbox) is { } refusal ? Refuse(refusal) : new(SmtpReplies.SignedIn, new(account, mailbox) { Session = grant.Session });
    }

    private async Task<AuthOutcome?> PasswordAsync(string? initial, CancellationToken ct)
    {
        var user = initial ?? await AskAsync(UserPrompt, ct);
        var password = user is null ? null : await AskAsync(PasswordPrompt, ct);
        if (user is null || password is null)
            return null;
        if (Decode(user) is not { } address || Decode(password) is not { Length: > 0 })
            return Refuse(SmtpReplies.BadArguments);
        if (Closed(address) is { } refusal)
            return Refuse(refusal);
        if (!cloud.Switches.PasswordsAllowed)
            return Refuse(replies.NoPasswords);
        return cloud.Switches.TakeAuthRefusal() || cloud.Tenant.Find(address) is not { } account
            ? Refuse(replies.BadToken)
            : new(SmtpReplies.SignedIn, new(account.Address, account.Mailbox));
    }

    private async Task<string?> AskAsync(string prompt, CancellationToken ct)
    {
        await connection.WriteAsync(prompt, ct);
        return await connection.ReadLineAsync(ct);
    }

    private string? Closed(string mailbox)
    {
        var switches = cloud.Switches;
        if (switches.SecurityDefaults)
            return replies.SecurityDefaults;
        if (switches.SmtpAuthOffFor(mailbox))
            return replies.AuthOffForMailbox;
        return switches.SmtpAuthOffForOrganisation ? replies.AuthOffForTenant : null;
    }

    private static AuthOutcome Refuse(string reply) => new(reply, null);

    private static string? Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }
}
