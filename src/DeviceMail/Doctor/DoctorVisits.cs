using System.Buffers.Text;
using System.Security.Cryptography;
using DeviceMail.Accounts;
using DeviceMail.Messages;

namespace DeviceMail.Doctor;

/// <summary>The examinations of this process: the last one stays for the page that shows it, and one goes on at a time.</summary>
public sealed class DoctorVisits
{
    private readonly DoctorPlans _plans;
    private readonly AccountRegister _accounts;
    private readonly IHostApplicationLifetime _life;
    private readonly TimeProvider _time;
    private readonly Lock _starting = new();

    internal DoctorVisits(DoctorPlans plans, AccountRegister accounts, IHostApplicationLifetime life, TimeProvider time) =>
        (_plans, _accounts, _life, _time) = (plans, accounts, life, time);

    /// <summary>The last examination that a page started; null: there was none.</summary>
    public DoctorRun? Latest { get; private set; }

    /// <summary>The account by its address or number; null: there is none.</summary>
    public Account? Find(string account) => long.TryParse(account, out var id) ? _accounts.Find(id) : MailAddress.TryParse(account, out var address) ? _accounts.Find(address) : null;

    /// <summary>Begins an examination that goes on by itself, in place of one that still goes on.</summary>
    /// <param name="account">Null: all accounts.</param>
    public DoctorRun Start(Account? account)
    {
        lock (_starting)
        {
            Latest?.Cancel();
            var run = Make(account);
            _ = Task.Run(() => run.GoAsync(_time, _life.ApplicationStopping));
            return Latest = run;
        }
    }

    /// <summary>Examines while somebody waits for it.</summary>
    /// <param name="account">Null: all accounts.</param>
    /// <param name="cancel">Ends it; the lines that are left say so.</param>
    public async Task<DoctorReport> ExamineAsync(Account? account, CancellationToken cancel)
    {
        var run = Make(account);
        await run.GoAsync(_time, cancel);
        return run.Report;
    }

    private DoctorRun Make(Account? account) =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), $"{account?.Address}", _plans.For(account is null ? _accounts.All : [account]));
}
