using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Settings;
using ServerTrouble = DeviceMail.Activity.Problems;

namespace DeviceMail.Notices;

/// <summary>By which account a notice goes.</summary>
/// <param name="Account">Its address is the envelope's sender.</param>
/// <param name="IsSecond">Whether it is the second route.</param>
public sealed record NoticeRoute(Account Account, bool IsSecond);

/// <summary>
/// Which way a notice goes: by the default account, and by the second route when that account is the one in trouble. A notice is never put behind
/// the trouble it tells of.
/// </summary>
public sealed class NoticeRoutes(AccountRegister accounts, AccountStatusBoard board, MailQueue queue, PasswordKeeper passwords, SettingsStore settings)
{
    /// <summary>The usual route; null: there is no account.</summary>
    public Account? First => accounts.Default ?? (accounts.All is [var first, ..] ? first : null);

    /// <summary>The account that the setting names; null: none, or it is the first route itself.</summary>
    public Account? Second => settings.Current.Get(SettingsCatalogue.NoticesSecondRoute) is { } address && accounts.Find(address) is { } account && account.Id != First?.Id ? account : null;

    /// <summary>The first route that can send now; null: none can.</summary>
    public NoticeRoute? Choose() =>
        First is { } first && !IsInTrouble(first) ? new NoticeRoute(first, false)
        : Second is { } second && !IsInTrouble(second) ? new NoticeRoute(second, true)
        : null;

    public bool IsInTrouble(Account account) =>
        board.StandsInTheWay(account.Id) is not null
        || account.Method == AuthenticationMethod.SmtpAuth && passwords.Find(account) is null
        || WaitsForServer(account.Id) is not null;

    /// <summary>A job that is held because the account's mail server does not answer, or null.</summary>
    internal Job? WaitsForServer(long accountId) =>
        queue.Stuck(accountId).FirstOrDefault(job => job.Problem == ServerTrouble.ServerUnreachable.Key);
}
