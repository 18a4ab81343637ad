using DeviceMail.Control;
using DeviceMail.Devices;

namespace DeviceMail.Queue;

public static class QueueSetup
{
    public static void AddQueue(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<QueueStorage>();
        builder.Services.AddSingleton<GatewayMark>();
        builder.Services.AddSingleton<MailQueue>();
        builder.Services.AddSingleton<AcceptMail>(services => services.GetRequiredService<MailQueue>().Accept);
        builder.Services.AddSingleton<HasRoom>(services => services.GetRequiredService<MailQueue>().HasRoomFor);
        builder.Services.AddSingleton<JobSources>();
        builder.Services.AddSingleton<JobViews>();
        builder.Services.AddSingleton<JobDesk>();
        builder.Services.AddSingleton<CountMailsOfDevices>(services => services.GetRequiredService<MailQueue>().Figures.CountByDevice);
    }

    public static void MapQueue(this WebApplication app)
    {
        app.MapJobs();
        app.MapActivity();
        JobControl.Map(app.ControlGroup());
        ActivityCommands.Map(app.ControlGroup());
        JobApi.Map(app);
    }
}
