using System.Globalization;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Web;

/// <summary>What somebody types to make the gateway theirs.</summary>
public sealed record ClaimRequest(string Code, string Address, string Password, string Again);

public abstract record ClaimOutcome
{
    public sealed record Claimed : ClaimOutcome;

    /// <param name="Field">The field to change: code, address, password or again.</param>
    /// <param name="Sentence">What is wrong with it.</param>
    public sealed record Refused(string Field, string Sentence) : ClaimOutcome;
}

/// <summary>
/// Whose gateway this is. A new one belongs to nobody: no password exists, it takes no mail, and who can read the console of
/// its machine makes it theirs with a code. The same way resets a forgotten password.
/// </summary>
public sealed class Claim(Administrator administrator, DataFolder folder, ActivityLog activity, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    public bool IsClaimed => administrator.Exists;

    /// <summary>Where the code lies for the administrator of the machine (0600), so that it outlives a restart.</summary>
    public string CodeFile => folder.In("claim-code");

    /// <summary>The code that works now, or null.</summary>
    public ClaimCode? Code => ReadCode() is { } code && code.Until > time.GetUtcNow() ? code : null;

    /// <summary>A code that works for an hour from now; an earlier one no longer does.</summary>
    public ClaimCode MakeCode()
    {
        var code = ClaimCode.Make(time.GetUtcNow());
        DurableFile.Replace(CodeFile, System.Text.Encoding.UTF8.GetBytes($"{code.Text}\n{code.Until.ToString("O", CultureInfo.InvariantCulture)}\n"));
        return code;
    }

    public async Task<ClaimOutcome> TryAsync(ClaimRequest request)
    {
        await _one.WaitAsync();
        try
        {
            if (Code is not { } code) return new ClaimOutcome.Refused("code", "The time of the code is over. `devicemail claim` on the gateway's machine makes a new one.");
            if (!code.Fits(request.Code)) return new ClaimOutcome.Refused("code", "This is not the code. The gateway prints it where it was started.");
            if (Check(request) is { } refused) return refused;
            await SetAsync(request, " in Web Config");
            File.Delete(CodeFile);
            return new ClaimOutcome.Claimed();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Makes a new gateway the administrator's without a person at a browser; does nothing on one that is claimed.</summary>
    /// <exception cref="StartRefusedException">Address or password are not good.</exception>
    public async Task ClaimUnattendedAsync(string address, string password)
    {
        if (IsClaimed) return;
        var request = new ClaimRequest("", address, password, password);
        if (Check(request) is { } refused) throw new StartRefusedException($"The gateway cannot be claimed unattended: {refused.Sentence}");
        await SetAsync(request, "");
    }

    public void Dispose() => _one.Dispose();

    private async Task SetAsync(ClaimRequest request, string way)
    {
        var again = IsClaimed;
        await administrator.SetAsync(MailAddress.Parse(request.Address), request.Password);
        await activity.RecordAsync(Subject.Administrator, request.Address,
            again ? $"The administrator's password was set anew{way}; earlier logins ended." : $"The gateway was claimed{way}; it takes mail from now on.");
    }

    private static ClaimOutcome.Refused? Check(ClaimRequest request)
    {
        if (!MailAddress.TryParse(request.Address, out _)) return new("address", "The administrator's address needs the form name@domain.");
        if (PasswordRules.Check(request.Password, request.Address) is { } fault) return new("password", fault);
        return request.Password == request.Again ? null : new("again", "The two passwords are not the same.");
    }

    private ClaimCode? ReadCode() =>
        File.Exists(CodeFile) && File.ReadAllLines(CodeFile) is [var text, var until, ..]
        && DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var end)
            ? new ClaimCode(text, end)
            : null;
}
