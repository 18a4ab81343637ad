using DeviceMail.Web;

namespace DeviceMail.Panel;

public static class PanelSetup
{
    public static void AddPanel(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PanelRegister>();
        builder.Services.AddSingleton<PairingDesk>();
        builder.Services.AddSingleton<PanelSignIns>();
        builder.Services.AddSingleton<SheetPrints>();
    }

    public static void MapPanel(this WebApplication app)
    {
        app.MapPanels();
        app.MapPair();
        var panel = app.MapGroup("").WithMetadata(new KeptBy(PanelGuard.CheckAsync));
        panel.MapPanelHome();
        panel.MapPanelMenu();
        panel.MapAdministrator();
        panel.MapPanelJobs();
        panel.MapAddresses();
        panel.MapGroup("").WithMetadata(new AdministratorItem()).MapEmailServerStatus();
        panel.MapGroup("").WithMetadata(new AdministratorItem()).MapPrintSheet();
    }
}
