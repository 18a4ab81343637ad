using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.People;
using DeviceMail.Queue;
using DeviceMail.Scanning;

namespace DeviceMail.ToMyEmail;

public static class ToMyEmailSetup
{
    public static void AddToMyEmail(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(host => new ScanToMailParts(host.GetRequiredService<PersonRegister>(), host.GetRequiredService<ScannerRegister>(), host.GetRequiredService<ScanDesk>(),
            host.GetRequiredService<AccountRegister>(), host.GetRequiredService<AcceptMail>()) { Time = host.GetRequiredService<TimeProvider>() });
        builder.Services.AddSingleton<ScanToMail>();
    }

    public static void MapToMyEmail(this WebApplication app) => ScanControl.Map(app.ControlGroup());
}
