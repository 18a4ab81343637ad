using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Notices;

public static class NoticesSetup
{
    public static void AddNotices(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<NoticeBook>();
        services.AddSingleton<NoticeRoutes>();
        services.AddSingleton<NoticePost>();
        services.AddSingleton(host => new NoticeTools(host.GetRequiredService<NoticeBook>(), host.GetRequiredService<NoticeRoutes>(), host.GetRequiredService<NoticePost>(), host.GetRequiredService<MailQueue>())
        {
            Settings = host.GetRequiredService<SettingsStore>(),
            Activity = host.GetRequiredService<ActivityLog>(),
            Time = host.GetRequiredService<TimeProvider>(),
        });
        services.AddSingleton(host => new CauseSources(host.GetRequiredService<AccountRegister>(), host.GetRequiredService<AccountStatusBoard>(), host.GetRequiredService<MailQueue>(), host.GetRequiredService<DeviceRegister>())
        {
            Routes = host.GetRequiredService<NoticeRoutes>(),
            Database = host.GetRequiredService<Database>(),
            Settings = host.GetRequiredService<SettingsStore>(),
            Certificate = host.GetRequiredService<ServerCertificate>(),
            Time = host.GetRequiredService<TimeProvider>(),
        });
        services.AddSingleton<CauseWatch>();
        services.AddSingleton<NoticeDesk>();
        services.AddSingleton<FailureNotice>();
        services.AddSingleton<NoticeTriggers>();
        services.AddSingleton<NoticeOffice>();
        services.AddSingleton<NoticeWorker>();
        services.AddSingleton<FindPageNotices>(host => () => PageNotices(host.GetRequiredService<NoticeOffice>()));
        services.AddSingleton<FindPageNotices>(host => () => EndingSignIns(
            host.GetRequiredService<AccountRegister>(), host.GetRequiredService<AccountStatusBoard>(), host.GetRequiredService<TimeProvider>().GetUtcNow()));
    }

    public static void MapNotices(this WebApplication app)
    {
        app.MapNoticesPage();
        NoticeCommands.Map(app.ControlGroup());
    }

    private static IEnumerable<PageNotice> PageNotices(NoticeOffice office) =>
        office.Warnings().Select(sentence => new PageNotice(sentence, "Open Notices", "/notices"));

    private static IEnumerable<PageNotice> EndingSignIns(AccountRegister accounts, AccountStatusBoard board, DateTimeOffset now)
    {
        foreach (var account in accounts.All)
        {
            if (board.SavedStatusOf(account.Id) is not AccountStatus.SignedIn { PredictedEnd: { } end } signedIn || end - now > TimeSpan.FromDays(CauseWatch.SignInDays[0])) continue;
            var moment = end.ToLocalTime().ToString("d MMMM yyyy 'at' HH:mm", CultureInfo.InvariantCulture);
            yield return new PageNotice($"The sign-in of {account.Address} is expected to end on {moment}. {signedIn.EndReason} Sign in again before then.",
                "Sign in again", $"/email-server?account={account.Id}");
        }
    }
}
