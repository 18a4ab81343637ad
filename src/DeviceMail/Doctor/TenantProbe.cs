using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;

namespace DeviceMail.Doctor;

/// <summary>The switches of SMTP AUTH, which no program may change by Microsoft Graph: they are tried by a sign-in, and a script switches the one mailbox on.</summary>
internal sealed class TenantProbe(AccountRegister accounts, MailServerParts mail)
{
    private const string SmtpAuth = "smtp-auth", Switches = "smtp-auth-switch";

    /// <summary>The account that sends as the mailbox; null: there is none.</summary>
    public Account? AccountOf(string mailbox) => MailAddress.TryParse(mailbox, out var address) ? accounts.Find(address) : null;

    /// <summary>Tries AUTH as the mailbox where it has signed in; no mail is handed over.</summary>
    public async Task<IReadOnlyList<DoctorLine>> LinesAsync(string mailbox, CancellationToken cancel)
    {
        if (AccountOf(mailbox) is not { Method: AuthenticationMethod.OAuth2 } account || accounts.SignInOf(account.Id).Since is null)
        {
            return
            [
                DoctorLine.Unknown($"Whether Exchange Online takes SMTP AUTH from {mailbox} shows when the mailbox has signed in.",
                    "Sign the mailbox in, then run the doctor: it names the switch that is off. The lines for PowerShell do no harm where it is on already.") with { Key = SmtpAuth },
            ];
        }
        using var checks = new MailServerChecks(account, mail);
        List<DoctorLine> lines = [];
        foreach (var step in checks.Steps().Where(step => step.Key is SmtpAuth or Switches)) lines.Add(await (step with { Account = mailbox }).RunAsync(mail.Time, cancel));
        return lines;
    }

    /// <summary>Exactly the lines that are needed to switch SMTP AUTH on for the one mailbox; none where it is on.</summary>
    public static IReadOnlyList<string> Script(IReadOnlyList<DoctorLine> lines, string mailbox) =>
        lines.Any(line => line is { Key: SmtpAuth, Mark: DoctorMark.Passed }) ? []
            : ["Connect-ExchangeOnline", $"Set-CASMailbox -Identity {PowerShell.Quote(mailbox)} -SmtpClientAuthenticationDisabled $false"];
}
