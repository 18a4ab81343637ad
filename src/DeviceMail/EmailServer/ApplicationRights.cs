using DeviceMail.Accounts;
using DeviceMail.Activity;

namespace DeviceMail.EmailServer;

/// <summary>How an administrator lets an application into one mailbox (Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth" and "Role Based Access Control for Applications").</summary>
internal static class ApplicationRights
{
    /// <summary>For one mailbox alone, without any permission on the application itself.</summary>
    public static string Script(Account account)
    {
        var (mailbox, client) = (PowerShell.Quote(account.SmtpUserName), PowerShell.Quote(account.ClientId));
        var scope = PowerShell.Quote($"DeviceMail {account.SmtpUserName}");
        // A quote inside the filter is doubled for the filter, and all of it once more for PowerShell.
        var filter = PowerShell.Quote($"PrimarySmtpAddress -eq '{account.SmtpUserName.Replace("'", "''", StringComparison.Ordinal)}'");
        var roles = account.Transports.Select(transport => transport == Transport.Graph ? "Application Mail.Send" : "Application SMTP.SendAsApp");
        return string.Join('\n',
        [
            "Connect-ExchangeOnline",
            "# The Object ID stands under Entra ID > Enterprise applications > DeviceMail, not under App registrations",
            $"New-ServicePrincipal -AppId {client} -ObjectId OBJECT-ID -DisplayName 'DeviceMail'",
            $"New-ManagementScope -Name {scope} -RecipientRestrictionFilter {filter}",
            .. roles.Select(role => $"New-ManagementRoleAssignment -App {client} -Role '{role}' -CustomResourceScope {scope}"),
            .. account.Transports.Contains(Transport.Smtp) ? [$"Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false"] : (string[])[],
        ]);
    }
}
