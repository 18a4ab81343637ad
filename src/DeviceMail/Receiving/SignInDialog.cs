using System.Security.Cryptography;
using System.Text;
using DeviceMail.Devices;
using DeviceMail.Storage;

namespace DeviceMail.Receiving;

/// <summary>AUTH PLAIN, LOGIN and CRAM-MD5 (RFC 4954, RFC 4616, RFC 2195), with the prompts that old devices insist on.</summary>
internal sealed class SignInDialog(SmtpWire wire, DeviceRegister devices, TimeProvider time, string host)
{
    /// <summary>"Username:" in base64; one Xerox device compares it to the letter.</summary>
    private const string AskUserName = "334 VXNlcm5hbWU6";
    private const string AskPassword = "334 UGFzc3dvcmQ6";

    /// <summary>The user name that was tried, for slowing guesses; empty when it came to none.</summary>
    public string Tried { get; private set; } = "";

    /// <summary>When name and password were whole and looking at them began.</summary>
    public long CheckedAt { get; private set; } = time.GetTimestamp();

    /// <returns>The device, or the reply that refuses.</returns>
    public async Task<(Device? Device, string? Refusal)> RunAsync(string arguments)
    {
        var parts = arguments.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var first = parts.Length > 1 ? parts[1] : null;
        return (parts.Length > 0 ? parts[0].ToUpperInvariant() : "") switch
        {
            "PLAIN" => await PlainAsync(first),
            "LOGIN" => await LoginAsync(first),
            "CRAM-MD5" when devices.UsesCramMd5 => await CramMd5Async(),
            _ => (null, SmtpAnswers.UnknownMechanism),
        };
    }

    private async Task<(Device?, string?)> PlainAsync(string? first)
    {
        if (await AnswerAsync(first, "334 ") is not { } answer) return (null, SmtpAnswers.SignInStopped);
        var parts = answer.Split('\0');
        return parts.Length == 3 ? await CheckAsync(parts[1], new Secret(parts[2])) : (null, SmtpAnswers.BadSignIn);
    }

    private async Task<(Device?, string?)> LoginAsync(string? first)
    {
        if (await AnswerAsync(first, AskUserName) is not { } user) return (null, SmtpAnswers.SignInStopped);
        if (await AnswerAsync(null, AskPassword) is not { } password) return (null, SmtpAnswers.SignInStopped);
        return await CheckAsync(user, new Secret(password));
    }

    private async Task<(Device?, string?)> CramMd5Async()
    {
        var challenge = $"<{Convert.ToHexString(RandomNumberGenerator.GetBytes(12))}@{host}>";
        if (await AnswerAsync(null, $"334 {Convert.ToBase64String(Encoding.ASCII.GetBytes(challenge))}") is not { } answer) return (null, SmtpAnswers.SignInStopped);
        var space = answer.LastIndexOf(' ');
        if (space < 0) return (null, SmtpAnswers.BadSignIn);
        (Tried, CheckedAt) = (answer[..space], time.GetTimestamp());
        var known = devices.ForCramMd5(Tried);
        var key = Encoding.UTF8.GetBytes((known?.Password ?? DeviceCredential.Generate()).Reveal());
#pragma warning disable CA5351 // RFC 2195 is MD5; only for a device that an administrator allowed it, with a password of its own.
        var expected = Convert.ToHexStringLower(HMACMD5.HashData(key, Encoding.ASCII.GetBytes(challenge)));
#pragma warning restore CA5351
        var matches = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(answer[(space + 1)..].ToLowerInvariant()));
        return matches && known is { Device: var device } ? (device, null) : (null, SmtpAnswers.SignInRefused);
    }

    private async Task<(Device?, string?)> CheckAsync(string user, Secret password)
    {
        (Tried, CheckedAt) = (user, time.GetTimestamp());
        return await devices.SignInAsync(user, password) is { } device ? (device, null) : (null, SmtpAnswers.SignInRefused);
    }

    /// <returns>The decoded answer; null when the peer stopped it with "*", left, or sent no base64.</returns>
    private async Task<string?> AnswerAsync(string? given, string prompt)
    {
        if (given is null)
        {
            await wire.SendAsync(prompt);
            given = (await wire.ReadLineAsync(SmtpWire.MaxSignInLine)).Text;
        }
        if (given is null or "*") return null;
        if (given == "=") return "";
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(given.Trim()));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
